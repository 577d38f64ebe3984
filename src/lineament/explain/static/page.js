"use strict";
// Ties photograph and figure together: tabs, filters, hovering, joining lines. All data are in #report-data.
(() => {
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const root = document.documentElement;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const svgNamespace = document.querySelector("svg")?.namespaceURI;
  const sections = [...document.querySelectorAll("section.person")];
  let figure = null;
  try {
    figure = new Figure3D.Viewer(data.partColours);
  } catch (problem) {
    document.querySelectorAll(".no-webgl").forEach((note) => { note.hidden = false; });
  }
  const prototypes = new Map();
  const unpacked = (name) => {
    if (!prototypes.has(name)) prototypes.set(name, Figure3D.unpack(data.prototypes[name]));
    return prototypes.get(name);
  };

  class Pane {
    constructor(section, person) {
      this.section = section;
      this.person = person;
      this.find = (query) => section.querySelector(query);
      this.all = (query) => [...section.querySelectorAll(query)];
      this.pair = this.find(".pair");
      this.box = this.find(".canvasbox");
      this.links = this.find(".links");
      this.stage = this.find(".photo .stage svg");
      this.solo = null;
      this.hot = null;
      this.swaying = !still;
      this.phase = 0;
      this.candidates = person.candidates.map((one) => ({
        ...one,
        matches: one.matches && {
          crop: Figure3D.decode(one.matches.crop, Float32Array), pixels: Figure3D.decode(one.matches.pixels, Float32Array),
          sites: Figure3D.decode(one.matches.sites, Uint16Array), parts: Figure3D.decode(one.matches.parts, Uint8Array),
          cosine: Figure3D.decode(one.matches.cosine, Float32Array),
          confidence: Figure3D.decode(one.matches.confidence, Float32Array),
        },
      }));
      this.wire();
    }

    get sites() { return this.now?.matches ? this.now.matches.sites : []; }
    keep(i) { return this.solo === null || this.now.matches.parts[i] === this.solo; }

    choose(index) {
      this.now = this.candidates[index];
      this.solo = this.hot = null;
      this.all("[data-candidate]").forEach((one) => { one.hidden = Number(one.dataset.candidate) !== index; });
      this.applyFilter();
      if (!figure || !this.now) return;
      const held = this.now.prototype;
      this.find(".still")?.toggleAttribute("hidden", held !== null);
      if (held === null) { figure.canvas.remove(); return; }
      this.box.append(figure.canvas);
      this.home = this.middle = this.now.azimuth;
      this.phase = 0;
      figure.show(unpacked(held), this.sites, this.find("[name=surface]").value, this.home);
      figure.afterDraw = () => this.join();
      this.applyFilter();
      figure.draw();
    }

    applyFilter() {
      const shown = this.find("[name=dots]").checked;
      this.all(".dots g:not([hidden]) circle").forEach((dot, i) => {
        dot.toggleAttribute("hidden", !shown || !this.keep(i));
      });
      this.all(".legend button").forEach((chip) => {
        chip.setAttribute("aria-pressed", String(Number(chip.dataset.part) === this.solo));
      });
      this.all(".parts tbody tr").forEach((row) => {
        row.classList.toggle("soloed", this.solo !== null && Number(row.dataset.part) === this.solo);
      });
      if (figure?.mesh && this.now?.prototype) {
        figure.setDots(this.sites, (i) => this.keep(i), shown);
        figure.draw();
      }
    }

    // Centre of match i in the photograph, in CSS pixels of the pair.
    spot(i) {
      const frame = this.pair.getBoundingClientRect(), picture = this.stage.getBoundingClientRect();
      const scale = picture.width / this.person.crop[0];
      return {
        x: picture.left - frame.left + this.now.matches.crop[2 * i] * scale,
        y: picture.top - frame.top + this.now.matches.crop[2 * i + 1] * scale,
      };
    }

    target(i) {
      const frame = this.pair.getBoundingClientRect(), canvas = figure.canvas.getBoundingClientRect();
      const place = figure.place(this.now.matches.sites[i]);
      return { x: place.x + canvas.left - frame.left, y: place.y + canvas.top - frame.top, facing: place.facing };
    }

    join() {
      this.links.replaceChildren();
      if (!this.now?.matches || !this.now.prototype) return;
      const wanted = Number(this.find("[name=lines]").value), chosen = [];
      for (let i = 0; i < this.sites.length && chosen.length < wanted; i++) if (this.keep(i)) chosen.push(i);
      chosen.forEach((i) => this.line(i, false));
      if (this.hot !== null) this.line(this.hot, true);
    }

    line(i, strong) {
      const from = this.spot(i), to = this.target(i), group = document.createElementNS(svgNamespace, "g");
      const colour = `rgb(${data.partColours[this.now.matches.parts[i]].join(",")})`;
      const add = (kind, attributes) => {
        const node = document.createElementNS(svgNamespace, kind);
        for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
        group.append(node);
      };
      const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
      if (strong) add("line", { ...ends, stroke: "#000", "stroke-opacity": 0.5 });
      add("line", { ...ends, stroke: colour, "stroke-opacity": strong ? 1 : to.facing ? 0.8 : 0.18 });
      if (strong) {
        group.setAttribute("class", "strong");
        for (const end of [from, to]) {
          add("circle", { cx: end.x, cy: end.y, r: 9, stroke: "#000" });
          add("circle", { cx: end.x, cy: end.y, r: 8, stroke: "#fff" });
        }
      }
      this.links.append(group);
    }

    heat(i) {
      if (i === this.hot) return;
      this.hot = i;
      const readout = this.find(".readout");
      if (i === null) {
        readout.textContent = readout.dataset.rest;
      } else {
        const m = this.now.matches;
        readout.textContent = `${data.partTitles[m.parts[i]]}: pixel ${m.pixels[2 * i].toFixed(1)}, `
          + `${m.pixels[2 * i + 1].toFixed(1)} and point ${m.sites[i]}, cosine ${m.cosine[i].toFixed(3)}, `
          + `confidence ${m.confidence[i].toFixed(3)}`;
      }
      if (figure) figure.draw();
    }

    nearest(x, y, place, reach) {
      let best = null, least = reach;
      for (let i = 0; i < this.sites.length; i++) {
        if (!this.keep(i)) continue;
        const spot = place(i);
        if (spot.facing === false) continue;
        const gap = Math.hypot(spot.x - x, spot.y - y);
        if (gap < least) [best, least] = [i, gap];
      }
      return best;
    }

    wire() {
      const at = (event) => {
        const frame = this.pair.getBoundingClientRect();
        return [event.clientX - frame.left, event.clientY - frame.top];
      };
      ["pointermove", "pointerdown"].forEach((kind) => this.stage.addEventListener(
        kind, (e) => this.heat(this.nearest(...at(e), (i) => this.spot(i), 16))));
      this.stage.addEventListener("pointerleave", () => this.heat(null));
      this.pair.addEventListener("pointerenter", () => { this.held = true; });
      this.pair.addEventListener("pointerleave", () => { this.held = false; });
      this.all("[name^=candidate]").forEach((radio) => {
        radio.addEventListener("change", () => this.choose(Number(radio.value)));
      });
      this.find("[name=dots]").addEventListener("change", () => this.applyFilter());
      this.find("[name=lines]").addEventListener("change", () => figure?.draw());
      this.all(".legend button").forEach((chip) => chip.addEventListener("click", () => {
        const part = Number(chip.dataset.part);
        this.solo = this.solo === part ? null : part;
        this.applyFilter();
      }));
      this.all(".pairs tbody tr").forEach((row) => {
        const index = Number(row.dataset.match);
        ["pointerenter", "focusin", "click"].forEach((kind) => row.addEventListener(kind, () => this.heat(index)));
        ["pointerleave", "focusout"].forEach((kind) => row.addEventListener(kind, () => this.heat(null)));
      });
      if (figure) this.wireFigure(at);
    }

    wireFigure(at) {
      let drag = null;
      const sway = this.find("[data-view=sway]");
      const stop = () => { this.swaying = false; sway.setAttribute("aria-pressed", "false"); };
      const turn = (azimuth, elevation) => { stop(); figure.look(azimuth, elevation); figure.draw(); };
      sway.setAttribute("aria-pressed", String(this.swaying));
      this.box.addEventListener("pointerdown", (e) => {
        drag = [e.clientX, e.clientY, figure.azimuth, figure.elevation];
        this.box.setPointerCapture(e.pointerId);
      });
      this.box.addEventListener("pointermove", (e) => {
        if (drag) turn(drag[2] - (e.clientX - drag[0]) * 0.009, drag[3] + (e.clientY - drag[1]) * 0.009);
        else if (this.now?.matches && this.now.prototype) this.heat(this.nearest(...at(e), (i) => this.target(i), 14));
      });
      ["pointerup", "pointercancel"].forEach((kind) => this.box.addEventListener(kind, () => { drag = null; }));
      this.box.addEventListener("pointerleave", () => this.heat(null));
      this.box.addEventListener("keydown", (e) => {
        const step = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15] }[e.key];
        if (!step) return;
        e.preventDefault();
        turn(figure.azimuth + step[0], figure.elevation + step[1]);
      });
      this.find("[name=surface]").addEventListener("change", (e) => { figure.paint(e.target.value); figure.draw(); });
      this.all("[data-azimuth]").forEach((button) => button.addEventListener("click", () => {
        turn(button.dataset.azimuth === "photo" ? this.home : Number(button.dataset.azimuth) * Math.PI / 180, 0.06);
      }));
      this.all("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
        figure.zoom = Math.max(0.4, Math.min(12, figure.zoom * Number(button.dataset.zoom)));
        figure.draw();
      }));
      sway.addEventListener("click", () => {
        this.swaying = !this.swaying;
        sway.setAttribute("aria-pressed", String(this.swaying));
        if (this.swaying) [this.middle, this.phase] = [figure.azimuth, 0];
      });
    }

    tick(seconds) {
      if (!this.swaying || this.held || !this.now || this.now.prototype === null) return;
      this.phase += seconds;
      figure.look(this.middle + 0.5 * Math.sin(this.phase * 0.6), figure.elevation);
      figure.draw();
    }
  }

  const panes = sections.map((section, i) => new Pane(section, data.people[i]));
  let active = null;
  function open(index) {
    active = panes[index];
    sections.forEach((section, i) => { section.hidden = i !== index; });
    document.querySelectorAll("nav a").forEach((tab, i) => tab.setAttribute("aria-current", String(i === index)));
    const picked = active.find("[name^=candidate]:checked");
    active.choose(picked ? Number(picked.value) : 0);
  }
  function follow() {
    const index = sections.findIndex((section) => `#${section.id}` === window.location.hash);
    open(Math.max(index, 0));
  }
  if (panes.length) {
    window.addEventListener("hashchange", follow);
    window.addEventListener("resize", () => figure?.draw());
    window.addEventListener("load", () => figure?.draw());
    follow();
    let last = 0;
    const loop = (time) => {
      active.tick(Math.min(0.1, (time - last) / 1000));
      last = time;
      window.requestAnimationFrame(loop);
    };
    if (figure) window.requestAnimationFrame(loop);
  }
  root.dataset.state = figure ? "ready" : "without-webgl";
})();
