/** How a post stands among the others of its owner, and what others may know of its likes; what is absent is not so. */
export interface InPost<User> {
  /** It is for its owner's close friends. */
  audience?: 'friends';
  is_archived?: true;
  is_pinned?: true;
  /** `hidden`: its owner hides the likes from others; they get none. */
  likes: { count: number; data: User[]; hidden?: true };
}

export type Audience = 'everyone' | 'friends';
