"""What a class on this course needs of a JupyterHub; docs/hub.md says where it goes.

Who may come in, and where the servers run, is said elsewhere: it is the hub's own.
"""

c = get_config()  # noqa: F821  # JupyterHub defines it

c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    "OMP_NUM_THREADS": "1",  # one core a student: small models run no faster with more
    "JUPYTER_PREFER_ENV_PATH": "1",  # a student's own kernel named python3 must not win
}
c.Spawner.args = [
    "--LabApp.extension_manager=readonly",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--MappingKernelManager.cull_idle_timeout=1800",  # it takes most memory
    "--MappingKernelManager.cull_interval=300",
    "--ServerApp.shutdown_no_activity_timeout=7200",  # the rest, later
]
c.Spawner.mem_limit = "4G"  # lesson 28 takes 3.1 GB; others, see docs/hub.md
# Docker, systemd and Kubernetes enforce it; a plain hub does not.
c.Spawner.start_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 4  # 30 students come within one minute
