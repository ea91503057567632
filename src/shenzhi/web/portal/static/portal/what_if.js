// The what-if page, live: sliders beside the weights, and the page's own answer fetched while they move. Without this
// script the form does the same with its button.
(() => {
  const form = document.querySelector("form.trial");
  if (!form) return;

  // the address in its one form: what is as published, or empty, is left out
  const address = () => {
    const query = new URLSearchParams();
    for (const [key, text] of new FormData(form)) {
      const published = form.elements[key].dataset?.published;
      if (text.trim() && !(published !== undefined && Number(text) === Number(published))) query.append(key, text.trim());
    }
    return `${form.getAttribute("action")}?${query}`;
  };

  const take = (fresh, at) => {
    for (const old of document.querySelectorAll("[data-live]")) {
      const now = fresh.getElementById(old.id);
      if (!now) continue;
      if (now.href) old.href = now.href;
      if (old.innerHTML !== now.innerHTML) old.replaceChildren(...now.childNodes);
    }
    for (const link of document.querySelectorAll(".tools a[hreflang]")) {
      link.href = fresh.querySelector(`.tools a[hreflang="${link.hreflang}"]`)?.href ?? link.href;
    }
    history.replaceState(null, "", at);
  };

  let asking = null;
  let waiting = false;
  const ask = async () => {
    if (asking) {
      waiting = true; // one question at a time; the last one is asked when the answer is there
      return;
    }
    asking = address();
    try {
      const response = await fetch(asking, { headers: { Accept: "text/html" } });
      const type = response.headers.get("Content-Type") ?? "";
      if (type.startsWith("text/html")) take(new DOMParser().parseFromString(await response.text(), "text/html"), response.url);
    } catch {
      // no connection: the button still asks the plain way, and says what is wrong
    }
    asking = null;
    if (waiting) {
      waiting = false;
      ask();
    }
  };

  for (const input of form.querySelectorAll("input[data-most]")) {
    const slider = document.createElement("input");
    const most = Number(input.dataset.most);
    slider.type = "range";
    slider.min = 0;
    slider.max = most;
    slider.step = 10 ** Math.floor(Math.log10(most / 100));
    slider.value = input.value;
    const share = Number(input.dataset.published) / most;
    slider.style.setProperty("--at", `calc(${share * 100}% + ${(0.5 - share) * 16}px)`); // a mark where the published weight is
    slider.setAttribute("aria-label", input.labels[0].textContent.trim());
    input.closest("tr").querySelector(".slide").append(slider);
    slider.addEventListener("input", () => (input.value = slider.value));
    input.addEventListener("input", () => (slider.value = input.value || input.dataset.published));
  }
  form.addEventListener("input", ask);
})();
