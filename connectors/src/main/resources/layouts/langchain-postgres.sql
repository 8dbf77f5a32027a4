-- What LangChain's PostgresChatMessageHistory.create_tables makes, but for the primary key: an id that Segue knows before
-- the row is there. Rows that the application writes get one by themselves, and their number as before.
CREATE TABLE chat_history (
  id serial NOT NULL UNIQUE,
  session_id uuid NOT NULL,
  message jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  segue_id text PRIMARY KEY DEFAULT gen_random_uuid()::text
);
CREATE INDEX idx_chat_history_session_id ON chat_history (session_id);
