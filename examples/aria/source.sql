/* Aria's tables before the engine, layout aria-legacy: rows as its sync router wrote them. */

CREATE SCHEMA aria_data;

CREATE TABLE aria_data.agent_sessions (
  id uuid PRIMARY KEY,
  agent_id varchar(100) NOT NULL,
  session_type varchar(50) DEFAULT 'interactive',
  started_at timestamptz DEFAULT now(),
  ended_at timestamptz,
  messages_count int DEFAULT 0,
  tokens_used int DEFAULT 0,
  cost_usd numeric(10,6) DEFAULT 0,
  status varchar(50) DEFAULT 'active',
  metadata jsonb DEFAULT '{}'
);

CREATE TABLE aria_data.session_messages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  session_id uuid REFERENCES aria_data.agent_sessions ON DELETE SET NULL,
  external_session_id varchar(120),
  agent_id varchar(100),
  role varchar(20) NOT NULL,
  content text NOT NULL,
  content_hash varchar(64),
  source_channel varchar(50),
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  UNIQUE (external_session_id, role, content_hash)
);

INSERT INTO aria_data.agent_sessions VALUES
  ('7c1e9a52-6d0b-5f3a-9b51-0c5d2f6a8e10', 'main', 'openclaw_cron', '2026-02-10 04:00:00Z', NULL, 2, 812,
   0.003120, 'active',
   '{"source": "openclaw_volume", "openclaw_session_id": "8f1c2b77", "openclaw_source_key": "agent:main:cron:x",
     "openclaw_session": {"model": "kimi", "label": "Nightly"}, "synced_at": "2026-02-10T04:05:00Z"}'),
  ('b9d4f0c3-2a17-5e6b-8c44-91e3a7f2d605', 'aria', 'interactive', '2026-02-11 09:30:00.123456Z',
   '2026-02-11 10:02:11Z', 3, 1204, 0.010000, 'completed', '{"source": "openclaw_live", "model": "gpt-4o"}'),
  ('1f8e6d2c-93b5-5a70-ae19-4c0b8d7e6f51', 'aria', NULL, '2026-02-12 18:00:00Z', NULL, 0, 0, 0, NULL, NULL);

INSERT INTO aria_data.session_messages
  (id, session_id, external_session_id, agent_id, role, content, content_hash, source_channel, metadata, created_at)
VALUES
  ('00000000-0000-4000-8000-000000000001', '7c1e9a52-6d0b-5f3a-9b51-0c5d2f6a8e10', '8f1c2b77', 'main', 'user',
   'Good morning', md5('Good morning'), 'cron', '{}', '2026-02-10 04:00:01Z'),
  ('00000000-0000-4000-8000-000000000002', '7c1e9a52-6d0b-5f3a-9b51-0c5d2f6a8e10', '8f1c2b77', 'main', 'assistant',
   'Good morning. Two reports are ready.', md5('2'), 'cron', '{"model": "kimi"}', '2026-02-10 04:00:03.5Z'),
  ('00000000-0000-4000-8000-000000000003', 'b9d4f0c3-2a17-5e6b-8c44-91e3a7f2d605', '55aa', 'aria', 'user',
   'Ünïcödé — ok? 🙂', md5('3'), 'webchat', NULL, '2026-02-11 09:30:00.123456Z'),
  ('00000000-0000-4000-8000-000000000004', 'b9d4f0c3-2a17-5e6b-8c44-91e3a7f2d605', '55aa', 'aria', 'tool',
   '{"ok": true}', md5('4'), 'webchat', '{"tool": "search"}', '2026-02-11 09:30:04Z'),
  ('00000000-0000-4000-8000-000000000005', 'b9d4f0c3-2a17-5e6b-8c44-91e3a7f2d605', '55aa', 'aria', 'assistant',
   '', md5('5'), 'webchat', '{}', '2026-02-11 09:30:05Z');
