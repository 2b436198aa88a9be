// Runs before the first paint: the chosen theme, or the system's.
(function () {
  var media = window.matchMedia("(prefers-color-scheme: light)");
  function chosen() {
    try {
      return window.localStorage.getItem("latelier-theme");
    } catch {
      return null;
    }
  }
  function apply() {
    document.documentElement.dataset.theme = chosen() || (media.matches ? "light" : "dark");
    window.dispatchEvent(new Event("latelier-theme"));
  }
  media.addEventListener("change", apply);
  apply();
})();
