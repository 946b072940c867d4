/** Whether one signs in with a code beside the password; since is in epoch seconds. */
export interface TwoFactor {
  enabled: boolean;
  since?: string;
  recovery_codes: number;
}

/** What an authenticator app needs to know, also as a picture. */
export interface Enrolment {
  secret: string;
  uri: string;
  qr: string;
}

export interface RecoveryCodes {
  recovery_codes: string[];
}
