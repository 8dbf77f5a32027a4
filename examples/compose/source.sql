/* The store to be moved, layout callsphere: 400 sessions of 20 messages. */

/* Logical replication passes over tables numbered below 16384, taking them for the server's own. A
   server that runs this script in single-user mode hands out such numbers, so they are used up. */
DO $$
DECLARE
  taken oid;
BEGIN
  LOOP
    taken := lo_create(0);
    PERFORM lo_unlink(taken);
    EXIT WHEN taken >= 16384;
  END LOOP;
END $$;

CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  agent_name text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE messages (
  id uuid PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
  role text NOT NULL,
  content text,
  created_at timestamptz NOT NULL,
  tool_call_id text,
  tool_name text,
  metadata jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX ON messages (session_id, created_at);

INSERT INTO sessions
SELECT md5('session/' || i)::uuid, 'user-' || i % 97,
  (ARRAY['support', 'sales', NULL, 'coder'])[1 + i % 4],
  timestamptz '2026-01-01 00:00Z' + i * interval '1 minute',
  timestamptz '2026-01-01 00:00Z' + i * interval '1 minute' + interval '1 hour',
  CASE i % 3
    WHEN 0 THEN '{}'::jsonb
    WHEN 1 THEN jsonb_build_object('model', 'small-' || i % 5, 'score', 1.10)
    ELSE jsonb_build_object('locale', 'nb', 'tags', jsonb_build_array('a', i, NULL, true))
  END
FROM generate_series(1, 400) i;

INSERT INTO messages
SELECT md5('message/' || i || '/' || j)::uuid, md5('session/' || i)::uuid,
  (ARRAY['user', 'assistant', 'assistant', 'tool'])[1 + j % 4],
  CASE WHEN j % 4 <> 2 THEN 'message ' || j || ' of session ' || i END,
  timestamptz '2026-01-01 00:00Z' + i * interval '1 minute' + j * interval '3 minutes',
  CASE WHEN j % 4 >= 2 THEN 'call_' || j / 4 END,
  CASE WHEN j % 4 >= 2 THEN 'lookup' END,
  CASE WHEN j % 4 = 2 THEN jsonb_build_object('arguments', jsonb_build_object('q', i))
       ELSE '{}' END
FROM generate_series(1, 400) i CROSS JOIN generate_series(0, 19) j;

ANALYZE;
