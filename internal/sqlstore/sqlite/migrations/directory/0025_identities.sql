-- An identity is found by its issuer, which stays what it is, not by the name that a configuration gives a provider, which may change.
ALTER TABLE identities RENAME COLUMN provider TO issuer;
