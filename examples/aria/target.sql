/* The store to move into, layout aria-engine: empty. */

CREATE SCHEMA aria_engine;

CREATE TABLE aria_engine.chat_sessions (
  id uuid PRIMARY KEY,
  agent_id varchar(100) NOT NULL,
  session_type varchar(50) DEFAULT 'interactive',
  title varchar(500),
  system_prompt text,
  model varchar(200),
  temperature double precision,
  max_tokens int,
  context_window int,
  status varchar(20) DEFAULT 'active',
  message_count int DEFAULT 0,
  total_tokens int DEFAULT 0,
  total_cost numeric(10,6) DEFAULT 0,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now(),
  ended_at timestamptz
);

CREATE TABLE aria_engine.chat_messages (
  id uuid PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES aria_engine.chat_sessions ON DELETE CASCADE,
  agent_id varchar(100),
  role varchar(20) NOT NULL,
  content text NOT NULL,
  thinking text,
  tool_calls jsonb,
  tool_results jsonb,
  model varchar(200),
  tokens_input int,
  tokens_output int,
  cost numeric(10,6),
  latency_ms int,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now()
);

CREATE INDEX ON aria_engine.chat_messages (session_id, created_at);
