"""JupyterHub for a class on this course; docs/hub.md explains it line by line.

jupyterhub -f docs/jupyterhub_config.py
"""

import os

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
c.Spawner.mem_limit = "3G"  # enforced by spawners that can: Docker, systemd, Kubernetes
c.Spawner.start_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 4  # 30 students come within one minute

# Who may come in. Here: everyone who has an account on this computer (PAM).
c.Authenticator.allow_all = True
c.Authenticator.admin_users = set(os.environ.get("COURSE_TEACHERS", "").split())
