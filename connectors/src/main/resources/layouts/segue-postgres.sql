-- Segue's own schema: every canonical field has a column, so nothing has to be left behind.
-- Applications may add indexes and columns of their own; Segue writes only what stands here.
CREATE SCHEMA IF NOT EXISTS agent_store;

CREATE TABLE agent_store.sessions (
  session_id text NOT NULL,
  user_id text,
  agent_name text,
  created_at timestamptz,
  updated_at timestamptz,
  metadata jsonb,
  session_key text,
  session_type text,
  title text,
  status text,
  ended_at timestamptz,
  expires_at timestamptz,
  tenant text,
  model text,
  system_prompt text,
  active_leaf text,
  channel jsonb,
  lineage jsonb,
  context jsonb,
  message_count bigint,
  total_tokens bigint,
  total_cost numeric,
  unknown jsonb,
  PRIMARY KEY (session_id)
);
CREATE INDEX ON agent_store.sessions (user_id);
CREATE INDEX ON agent_store.sessions (updated_at);

CREATE TABLE agent_store.messages (
  session_id text NOT NULL,
  message_id text NOT NULL,
  role text,
  content text,
  created_at timestamptz,
  tool_call_id text,
  tool_name text,
  metadata jsonb,
  role_raw text,
  content_form text,
  parts jsonb,
  time_detail jsonb,
  tool_calls jsonb,
  tool_results jsonb,
  usage jsonb,
  seq bigint,
  tokens_input bigint,
  tokens_output bigint,
  latency_ms bigint,
  cost numeric,
  order_key text,
  parent_message_id text,
  kind text,
  name text,
  agent_name text,
  model text,
  provider text,
  thinking text,
  stop_reason text,
  error text,
  active boolean,
  settled boolean,
  unknown jsonb,
  PRIMARY KEY (session_id, message_id)
);
CREATE INDEX ON agent_store.messages (session_id, created_at, message_id);

CREATE TABLE agent_store.tool_runs (
  session_id text NOT NULL,
  tool_run_id text NOT NULL,
  call_message_id text,
  result_message_id text,
  call_id text,
  name text,
  status text,
  error text,
  call_index bigint,
  attempt bigint,
  duration_ms bigint,
  arguments jsonb,
  result jsonb,
  approval jsonb,
  metadata jsonb,
  is_error boolean,
  started_at timestamptz,
  ended_at timestamptz,
  child_session_id text,
  unknown jsonb,
  PRIMARY KEY (session_id, tool_run_id)
);

CREATE TABLE agent_store.memory_summaries (
  session_id text NOT NULL,
  summary_id text NOT NULL,
  scope text,
  scope_id text,
  content_text text,
  version text,
  trigger_reason text,
  model text,
  supersedes text,
  covers jsonb,
  metadata jsonb,
  created_at timestamptz,
  unknown jsonb,
  PRIMARY KEY (session_id, summary_id)
);

CREATE TABLE agent_store.checkpoints (
  session_id text NOT NULL,
  namespace text NOT NULL,
  checkpoint_id text NOT NULL,
  parent_checkpoint_id text,
  source text,
  format text,
  step bigint,
  created_at timestamptz,
  state jsonb,
  channels jsonb,
  pending_writes jsonb,
  metadata jsonb,
  latest boolean,
  unknown jsonb,
  PRIMARY KEY (session_id, namespace, checkpoint_id)
);

CREATE TABLE agent_store.events (
  session_id text NOT NULL,
  event_id text NOT NULL,
  type text,
  from_value text,
  to_value text,
  seq bigint,
  created_at timestamptz,
  payload jsonb,
  metadata jsonb,
  unknown jsonb,
  PRIMARY KEY (session_id, event_id)
);

CREATE TABLE agent_store.retry_states (
  session_id text NOT NULL,
  scope text NOT NULL,
  target_id text NOT NULL,
  attempt_count bigint,
  max_attempts bigint,
  last_error text,
  state text,
  last_attempt_at timestamptz,
  next_attempt_at timestamptz,
  cooldown_until timestamptz,
  lock_info jsonb,
  metadata jsonb,
  unknown jsonb,
  PRIMARY KEY (session_id, scope, target_id)
);

CREATE TABLE agent_store.state_entries (
  session_id text NOT NULL,
  scope text NOT NULL,
  key text NOT NULL,
  scope_id text,
  version text,
  value jsonb,
  metadata jsonb,
  updated_at timestamptz,
  expires_at timestamptz,
  unknown jsonb,
  PRIMARY KEY (session_id, scope, key)
);

CREATE TABLE agent_store.memory_items (
  session_id text NOT NULL,
  memory_id text NOT NULL,
  namespace text,
  user_id text,
  agent_name text,
  content_text text,
  text_sha256 text,
  type text,
  importance numeric,
  pinned boolean,
  access_count bigint,
  created_at timestamptz,
  updated_at timestamptz,
  expires_at timestamptz,
  last_accessed timestamptz,
  topics jsonb,
  entities jsonb,
  embeddings jsonb,
  source_message_ids jsonb,
  metadata jsonb,
  unknown jsonb,
  PRIMARY KEY (session_id, memory_id)
);
