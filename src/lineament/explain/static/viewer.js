"use strict";
// The turning figure: one WebGL canvas for the whole page, moved to the person that is shown.
const Figure3D = (() => {
  const decode = (text, Kind) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Kind(bytes.buffer);
  };
  const pointVertex = `attribute float size; attribute vec3 tint; varying vec3 shade; uniform float ratio;
    void main() { shade = tint; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      gl_PointSize = size * ratio; }`;
  const pointFragment = `varying vec3 shade;
    void main() { float r = length(gl_PointCoord - 0.5); if (r > 0.5) discard;
      gl_FragColor = vec4(mix(shade, vec3(0.06), smoothstep(0.36, 0.42, r)), 1.0); }`;

  function unpack(packed) {
    return {
      vertices: decode(packed.vertices, Float32Array), normals: decode(packed.normals, Float32Array),
      faces: decode(packed.faces, Uint32Array), site: decode(packed.site, Uint16Array),
      points: decode(packed.points, Float32Array), pointNormals: decode(packed.pointNormals, Float32Array),
      parts: decode(packed.parts, Uint8Array), measured: decode(packed.measured, Uint8Array),
      colours: packed.colours ? decode(packed.colours, Uint8Array) : null,
    };
  }

  function siteColour(prototype, site, mode, partColours) {
    const grey = [0.8, 0.79, 0.77];
    if (!prototype.measured[site]) return [0.55, 0.56, 0.58];
    if (mode === "photo" && prototype.colours) return [0, 1, 2].map((k) => prototype.colours[3 * site + k] / 255);
    if (mode === "plain") return grey;
    return [0, 1, 2].map((k) => 0.5 * grey[k] + 0.5 * partColours[prototype.parts[site]][k] / 255);
  }

  class Viewer {
    constructor(partColours) {
      this.renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true });
      this.renderer.setPixelRatio(Math.min(window.devicePixelRatio || 1, 2));
      this.canvas = this.renderer.domElement;
      this.canvas.setAttribute("aria-hidden", "true");
      this.partColours = partColours;
      this.scene = new THREE.Scene();
      this.camera = new THREE.PerspectiveCamera(26, 1, 0.05, 50);
      this.camera.up.set(0, 0, 1);
      this.lamp = new THREE.DirectionalLight(0xffffff, 0.62);
      this.scene.add(new THREE.HemisphereLight(0xffffff, 0x8a8a90, 0.55), this.lamp, this.lamp.target);
      this.azimuth = this.elevation = 0;
      this.distance = 4;
      this.target = new THREE.Vector3();
      this.afterDraw = () => {};
    }

    clear() {
      for (const old of [this.mesh, this.dots]) {
        if (old) { this.scene.remove(old); old.geometry.dispose(); old.material.dispose(); }
      }
      this.mesh = this.dots = null;
    }

    show(prototype, sites, mode, azimuth) {
      this.clear();
      this.prototype = prototype;
      const geometry = new THREE.BufferGeometry();
      geometry.setAttribute("position", new THREE.BufferAttribute(prototype.vertices, 3));
      geometry.setAttribute("normal", new THREE.BufferAttribute(prototype.normals, 3));
      geometry.setAttribute("color", new THREE.BufferAttribute(new Float32Array(prototype.vertices.length), 3));
      geometry.setIndex(new THREE.BufferAttribute(prototype.faces, 1));
      this.mesh = new THREE.Mesh(geometry, new THREE.MeshLambertMaterial({ vertexColors: true, side: THREE.DoubleSide }));
      this.scene.add(this.mesh);
      this.paint(mode);
      this.setDots(sites, () => true, true);
      this.fit(sites);
      this.look(azimuth, 0.06);
    }

    paint(mode) {
      const colour = this.mesh.geometry.attributes.color;
      this.prototype.site.forEach((site, v) => {
        colour.setXYZ(v, ...siteColour(this.prototype, site, mode, this.partColours));
      });
      colour.needsUpdate = true;
    }

    setDots(sites, keep, visible) {
      if (this.dots) { this.scene.remove(this.dots); this.dots.geometry.dispose(); this.dots.material.dispose(); }
      this.dots = null;
      const chosen = visible ? Array.from(sites).filter((_, i) => keep(i)) : [];
      if (!chosen.length) return;
      const p = this.prototype, position = [], tint = [];
      for (const site of chosen) {
        for (let k = 0; k < 3; k++) {
          position.push(p.points[3 * site + k] + 0.004 * p.pointNormals[3 * site + k]);
          tint.push(this.partColours[p.parts[site]][k] / 255);
        }
      }
      const geometry = new THREE.BufferGeometry();
      geometry.setAttribute("position", new THREE.Float32BufferAttribute(position, 3));
      geometry.setAttribute("tint", new THREE.Float32BufferAttribute(tint, 3));
      geometry.setAttribute("size", new THREE.Float32BufferAttribute(chosen.map(() => 6.5), 1));
      const ratio = { value: this.renderer.getPixelRatio() };
      this.dots = new THREE.Points(geometry, new THREE.ShaderMaterial(
        { vertexShader: pointVertex, fragmentShader: pointFragment, uniforms: { ratio } }));
      this.scene.add(this.dots);
    }

    // Frame the whole body, or the matched part when it is small, so that a head seen alone fills the view.
    fit(sites) {
      const p = this.prototype.points, box = new THREE.Box3(), whole = new THREE.Box3(), v = new THREE.Vector3();
      for (let i = 0; i < p.length; i += 3) whole.expandByPoint(v.set(p[i], p[i + 1], p[i + 2]));
      for (const s of sites) box.expandByPoint(v.set(p[3 * s], p[3 * s + 1], p[3 * s + 2]));
      if (sites.length < 3 || box.max.z - box.min.z > 0.5 * (whole.max.z - whole.min.z)) box.copy(whole);
      box.expandByScalar(0.06).intersect(whole.expandByScalar(0.03));
      const size = box.getSize(new THREE.Vector3());
      box.getCenter(this.target);
      this.extent = [Math.hypot(size.x, size.y), size.z];
      this.zoom = 1;
    }

    look(azimuth, elevation) {
      this.azimuth = azimuth;
      this.elevation = Math.max(-1.4, Math.min(1.4, elevation));
    }

    draw() {
      const box = this.canvas.parentElement;
      if (!box || !this.mesh) return;
      const width = box.clientWidth, height = box.clientHeight;
      if (!width || !height) return;
      if (this.width !== width || this.height !== height) {
        this.renderer.setSize(width, height, false);
        [this.width, this.height] = [width, height];
      }
      const slope = 2 * Math.tan(this.camera.fov * Math.PI / 360), aspect = width / height;
      this.distance = Math.max(this.extent[1] / slope, this.extent[0] / (slope * aspect)) * 1.08 / this.zoom
        + this.extent[0] / 4;
      this.camera.aspect = aspect;
      const a = this.azimuth, e = this.elevation, c = Math.cos(e);
      this.camera.position.set(Math.sin(a) * c, -Math.cos(a) * c, Math.sin(e)).multiplyScalar(this.distance).add(this.target);
      this.camera.lookAt(this.target);
      this.camera.updateProjectionMatrix();
      this.camera.updateMatrixWorld();
      this.lamp.position.copy(this.camera.position).add(new THREE.Vector3(0, 0, 0.8));
      this.lamp.target.position.copy(this.target);
      this.renderer.render(this.scene, this.camera);
      this.afterDraw();
    }

    // Where a site lies on the canvas, in CSS pixels, and whether it faces the viewer.
    place(site) {
      const p = this.prototype, at = new THREE.Vector3().fromArray(p.points, 3 * site);
      const facing = new THREE.Vector3().fromArray(p.pointNormals, 3 * site)
        .dot(this.camera.position.clone().sub(at)) > 0;
      at.project(this.camera);
      return { x: (at.x + 1) / 2 * this.width, y: (1 - at.y) / 2 * this.height, facing };
    }
  }
  return { Viewer, unpack, decode };
})();
