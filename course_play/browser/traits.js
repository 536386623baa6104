// How traits are set in place of Python.

/** Set traits, those alone that change. */
export function tell(widget, changes) {
  for (const [name, value] of Object.entries(changes)) {
    if (widget.get(name) !== value) widget.set(name, value);
  }
  widget.save_changes?.();
}

/** A number as a trait has it: six decimals, and -0 is 0. */
export const rounded = (x) => Number(x.toFixed(6)) + 0;
