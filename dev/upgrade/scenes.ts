/**
 * What fixtures are made of: one scene for each state that a deploy can meet an item in. Each acts on a world that is
 * all of one release. Whatever dies or fails stays as it was left.
 */
import { endingScenes } from './ending-scenes.ts';
import { orgScenes } from './org-scenes.ts';
import { refreshScenes } from './refresh-scenes.ts';
import type { Scene } from './scene.ts';
import { sessionScenes } from './session-scenes.ts';
import { verdictScenes } from './verdict-scenes.ts';

export const scenes = {
  ...sessionScenes,
  ...refreshScenes,
  ...verdictScenes,
  ...endingScenes,
  ...orgScenes,
} as const satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes;
