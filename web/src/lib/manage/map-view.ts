/**
 * What is seen of a map: how near, and around which place.
 *
 * In: the size of the plane on screen, steps of zoom and movement. Out: views, and where the unit square lies in pixels. Never: the document.
 */

import type { Rectangle, Spot } from './map';

/** `x` and `y` lie in the middle of the plane; at zoom 1 all of the map is in sight. */
export interface View {
  zoom: number;
  x: number;
  y: number;
}
export interface Room {
  width: number;
  height: number;
}
/** Where the unit square lies on the plane, in pixels. */
export interface Frame {
  left: number;
  top: number;
  side: number;
}

export const WHOLE: View = { zoom: 1, x: 0.5, y: 0.5 };
export const MOST_ZOOM = 200;
const MARGIN = 14;

const kept = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
const sideOf = ({ width, height }: Room, zoom: number) => zoom * Math.max(1, Math.min(width, height) - 2 * MARGIN);

export function frameOf(room: Room, view: View = WHOLE): Frame {
  const side = sideOf(room, view.zoom);
  return { left: room.width / 2 - view.x * side, top: room.height / 2 - view.y * side, side };
}

/** The view, moved so that the map fills the plane as far as it can. */
function held({ zoom, x, y }: View, room: Room): View {
  const side = sideOf(room, zoom);
  const middle = (at: number, size: number) => {
    const half = Math.min(0.5, (size / 2 - MARGIN) / side);
    return kept(at, half, 1 - half);
  };
  return { zoom, x: middle(x, room.width), y: middle(y, room.height) };
}

/** Nearer by a factor, while the place `at` (pixels of the plane) stays where it is. */
export function zoomed(view: View, room: Room, factor: number, at: Spot = [room.width / 2, room.height / 2]): View {
  const zoom = kept(view.zoom * factor, 1, MOST_ZOOM);
  const by = 1 / sideOf(room, view.zoom) - 1 / sideOf(room, zoom);
  return held({ zoom, x: view.x + (at[0] - room.width / 2) * by, y: view.y + (at[1] - room.height / 2) * by }, room);
}

/** The map, drawn along by so many pixels. */
export function panned(view: View, room: Room, dx: number, dy: number): View {
  const side = sideOf(room, view.zoom);
  return held({ zoom: view.zoom, x: view.x - dx / side, y: view.y - dy / side }, room);
}

/** The view with this rectangle in sight: as it is, where it was in sight. */
export function revealing(view: View, room: Room, box: Rectangle): View {
  const { left, top, side } = frameOf(room, view);
  const past = (from: number, to: number, size: number) => (to - from > size ? 0 : from < MARGIN ? MARGIN - from : to > size - MARGIN ? size - MARGIN - to : 0);
  const dx = past(left + box.x * side, left + (box.x + box.width) * side, room.width);
  const dy = past(top + box.y * side, top + (box.y + box.height) * side, room.height);
  return dx || dy ? panned(view, room, dx, dy) : view;
}

/** A view on the way from one to another, at a share from 0 to 1; what is in sight in both never leaves it. */
export function between(from: View, to: View, share: number): View {
  const zoom = from.zoom * (to.zoom / from.zoom) ** share;
  const part = from.zoom === to.zoom ? share : (1 / zoom - 1 / from.zoom) / (1 / to.zoom - 1 / from.zoom);
  return { zoom, x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** The part of the map in sight, as a rectangle of it. */
export function inSight(room: Room, { left, top, side }: Frame): Rectangle {
  const [x, y] = [kept(-left / side, 0, 1), kept(-top / side, 0, 1)];
  return { x, y, width: kept((room.width - left) / side, 0, 1) - x, height: kept((room.height - top) / side, 0, 1) - y };
}
