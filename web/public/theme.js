// Runs before the first paint, so that a chosen theme or language never flashes in late.
(function () {
  try {
    var theme = localStorage.getItem('tintype.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    var locale = localStorage.getItem('tintype.locale');
    if (locale) document.documentElement.lang = locale;
  } catch {
    // Storage is switched off: the system's theme it is.
  }
})();
