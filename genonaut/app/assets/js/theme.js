/* The theme menu without a reload; the cookie tells the server for the next first paint. */
{
  const choose = theme => {
    const root = document.documentElement;
    if (theme === 'system') delete root.dataset.theme; else root.dataset.theme = theme;
    document.cookie = `genonaut_theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
    for (const item of G.all('#theme-pop [name=theme]')) item.setAttribute('aria-checked', item.value === theme);
  };
  G.on('submit', event => {
    if (event.target.id !== 'theme') return;
    event.preventDefault();
    choose(event.submitter.value);
    G.one('#theme-pop').hidePopover();
    G.one('.theme-btn').focus();
  });
  /* Menus: the first item takes focus, arrow keys move. */
  G.on('toggle', event => {
    if (event.newState === 'open' && event.target.matches('.menu')) G.one('button, a', event.target)?.focus();
  }, true);
  G.on('keydown', event => {
    const menu = event.target.closest?.('.menu');
    if (!menu) return;
    const items = G.all('button, a', menu), at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length).focus();
  });
}
