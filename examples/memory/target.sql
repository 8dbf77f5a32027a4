-- The newer assistant: other names, and another model behind the vectors.
CREATE TABLE threads (
  thread_id text PRIMARY KEY,
  owner text NOT NULL,
  assistant text NOT NULL,
  created timestamptz NOT NULL,
  changed timestamptz NOT NULL,
  details jsonb NOT NULL
);
CREATE TABLE entries (
  thread_id text NOT NULL REFERENCES threads,
  place bigint NOT NULL,
  role text NOT NULL,
  body text NOT NULL,
  created timestamptz NOT NULL,
  details jsonb,
  PRIMARY KEY (thread_id, place)
);
CREATE TABLE recollections (
  thread_id text NOT NULL REFERENCES threads,
  item text NOT NULL,
  body text,
  type text,
  importance numeric,
  created timestamptz NOT NULL,
  embedding real[],
  details jsonb,
  PRIMARY KEY (thread_id, item)
);
