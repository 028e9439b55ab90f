/* Toasts leave by themselves, not while someone is at them; menus close when something in them was chosen. */
{
  const STAYS = 8000;
  const leave = toast => setTimeout(() => (toast.matches(':hover, :focus-within') ? leave(toast) : toast.remove()), STAYS);
  const place = G.one('#toasts');
  if (place) {
    new MutationObserver(changes => {
      for (const change of changes) for (const node of change.addedNodes) if (node.matches?.('.toast')) leave(node);
      while (place.children.length > 2) place.firstElementChild.remove();
    }).observe(place, { childList: true });
    place.addEventListener('click', event => { if (event.target.closest('a, button')) event.target.closest('.toast').hidden = true; });
  }
  G.on('click', event => { const menu = event.target.closest('.menu[popover] a'); if (menu) menu.closest('.menu').hidePopover(); });
}
