/** Tags, as API v1 has them. */

export interface Tag {
  name: string;
  /** Posts that everybody may see. */
  media_count: number;
}

export interface TagRelationship {
  outgoing_status: 'follows' | 'none';
}
