-- What the OpenAI Agents SDK's SQLAlchemySession makes, but for two things. The primary key of agent_messages is an id that
-- Segue knows before the row is there; rows that the application writes get one by themselves, and their number as before.
-- And times are UTC, whatever the server's time zone is: the SDK reads items by time first, so that both must agree.
CREATE TABLE agent_sessions (
  session_id varchar PRIMARY KEY,
  created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
  updated_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
);
CREATE TABLE agent_messages (
  id serial NOT NULL UNIQUE,
  session_id varchar NOT NULL REFERENCES agent_sessions ON DELETE CASCADE,
  message_data text NOT NULL,
  created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
  segue_id text PRIMARY KEY DEFAULT gen_random_uuid()::text
);
CREATE INDEX idx_agent_messages_session_time ON agent_messages (session_id, created_at);
