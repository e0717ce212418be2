/** How large a node is drawn, in pixels. */
export const BOX = { width: 196, height: 82 } as const;

/** Room for what is said of an edge. */
export const LABEL = { width: 92, height: 16 } as const;
