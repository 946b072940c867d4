/** Apps of third parties, as their owners and admins see them. */
export interface App {
  id: string;
  name: string;
  description: string;
  website: string;
  client_id: string;
  /** Only in the answer that made it. */
  client_secret?: string;
  redirect_uris: string[];
  /** It can keep no secret, and has none. */
  public: boolean;
  enforce_signed: boolean;
  can_sign: boolean;
  implicit_grant: boolean;
  password_grant: boolean;
  /** Calls per hour; 0 for no limit. */
  hourly_limit: number;
  /** Of this app alone; 0 for the limit of the site. */
  own_hourly_limit: number;
  created_time: string;
}

export type AppChange = Partial<Pick<App, 'name' | 'description' | 'website' | 'redirect_uris' | 'enforce_signed'>>;
export type AppPowers = Partial<Pick<App, 'implicit_grant' | 'password_grant' | 'own_hourly_limit'>>;

/** An app as an admin sees it. */
export interface AdminApp extends App {
  owner: { id: string; username: string };
}

/** What an app called in the hour that began at `time`. */
export interface UsedHour {
  time: string;
  calls: number;
  refused: number;
}

/** What an app asked to be called back for. */
export interface Subscription {
  id: string;
  object: 'user' | 'tag' | 'location' | 'geography';
  object_id?: string;
}

/** Where an app is called back, and how it fares there. */
export interface Callback {
  id: string;
  callback_url: string;
  state: 'ok' | 'failing' | 'paused';
  failures: number;
  last_error: string;
  failing_since: string | null;
  paused_time: string | null;
  last_success_time: string | null;
  next_time: string | null;
  subscriptions: Subscription[];
}

/** Where to send the person on: the app's own address, with a code or an error in it. */
export interface Redirect {
  redirect_to: string;
}
