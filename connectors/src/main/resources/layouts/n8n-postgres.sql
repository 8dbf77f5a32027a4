-- What n8n's Postgres chat memory makes, but for the primary key: an id that Segue knows before the row is there. Rows
-- that n8n writes get one by themselves, and their number as before.
CREATE TABLE n8n_chat_histories (
  id serial NOT NULL UNIQUE,
  session_id varchar(255) NOT NULL,
  message jsonb NOT NULL,
  segue_id text PRIMARY KEY DEFAULT gen_random_uuid()::text
);
