/* Small words for the files below; all of them share this one name. */
'use strict';
const G = {
  one: (selector, root = document) => root.querySelector(selector),
  all: (selector, root = document) => [...root.querySelectorAll(selector)],
  on: (type, listener, options = false) => document.addEventListener(type, listener, options),
  /* Waits for a style that not every visit needs. */
  styled(href) {
    if (G.one(`link[href="${href}"]`)) return null;
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
    document.head.append(link);
    return new Promise(done => { link.onload = link.onerror = done; });
  },
  /* Someone is writing: letters are text, not shortcuts. */
  typing() {
    const field = document.activeElement;
    if (!field) return false;
    const box = field.matches('input') && !['checkbox', 'radio', 'button', 'submit'].includes(field.type);
    return box || field.matches('textarea, select, [contenteditable]');
  },
};
