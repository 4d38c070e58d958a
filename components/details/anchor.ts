/** Keeps a popover beside its anchor where CSS anchor positioning can't. */

const GAP = 6;

/** Until what it returns is called. */
export function keepBeside(panel: HTMLElement, anchor: Element): () => void {
  if (CSS.supports('position-area', 'block-end')) return () => {};
  const place = () => {
    const at = anchor.getBoundingClientRect();
    const {offsetWidth: width, offsetHeight: height} = panel;
    const {clientWidth, clientHeight} = document.documentElement;
    const start = getComputedStyle(panel).direction === 'rtl' ? at.right - width : at.left;
    const below = at.bottom + GAP + height <= clientHeight || at.top < height + GAP;
    panel.style.left = `${Math.max(GAP, Math.min(start, clientWidth - width - GAP))}px`;
    panel.style.top = `${below ? at.bottom + GAP : at.top - GAP - height}px`;
  };
  place();
  const sizes = new ResizeObserver(place);
  sizes.observe(panel);
  addEventListener('resize', place);
  addEventListener('scroll', place, {capture: true, passive: true});
  return () => {
    sizes.disconnect();
    removeEventListener('resize', place);
    removeEventListener('scroll', place, {capture: true});
  };
}
