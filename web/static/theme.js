// Sets the chosen theme before the first paint; the choice itself is made in the page's header.
try {
  const theme = localStorage.getItem('goldseam.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be closed to this page; then the system's preference holds.
}
