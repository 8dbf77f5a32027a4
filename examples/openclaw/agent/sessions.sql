-- Two sessions of one agent, as OpenClaw writes them.
INSERT INTO session_nodes (session_key, current_session_id, entry_json, updated_at) VALUES
  ('agent:main:main', '8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10',
   '{"sessionId": "8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10", "updatedAt": 1772975036308, "chatType": "direct", "model": "gpt-5.4"}', 1772975036308);
INSERT INTO session_windows (session_id, session_key, reason, created_at, updated_at, model) VALUES
  ('8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10', 'agent:main:main', 'initial', 1772972135580, 1772975036308, 'gpt-5.4');
INSERT INTO transcript_rewrite_watermarks VALUES ('8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10', '1', 1772972135580);
INSERT INTO transcript_events VALUES
  ('8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10', 0, '{"type":"session","version":3,"id":"8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10","timestamp":"2026-03-08T12:15:35.580Z","cwd":"/work"}', 1772972135580),
  ('8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10', 1, '{"type":"message","id":"4da21ec9","parentId":null,"timestamp":"2026-03-08T12:15:35.595Z","message":{"role":"user","content":[{"type":"text","text":"list files"}],"timestamp":1772972135581}}', 1772972135595),
  ('8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10', 2, '{"type":"message","id":"dff08ea8","parentId":"4da21ec9","timestamp":"2026-03-08T12:15:36.120Z","message":{"role":"assistant","content":[{"type":"toolCall","id":"call_1|fc_9","name":"read","arguments":{"path":"a"}}],"provider":"openai","model":"gpt-5.4","usage":{"input":1,"output":2,"totalTokens":3,"cost":{"total":0.01}},"stopReason":"toolUse","timestamp":1772972135590}}', 1772972136120),
  ('8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10', 3, '{"type":"message","id":"973dcb88","parentId":"dff08ea8","timestamp":"2026-03-08T12:15:36.200Z","message":{"role":"toolResult","toolCallId":"call_1|fc_9","toolName":"read","content":[{"type":"text","text":"a.txt"}],"isError":false,"timestamp":1772972136188}}', 1772972136200),
  ('8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10', 4, '{"type":"message","id":"1c5e7a90","parentId":"973dcb88","timestamp":"2026-03-08T12:15:37.010Z","message":{"role":"assistant","content":[{"type":"text","text":"There is one: a.txt"}],"timestamp":1772972136900}}', 1772972137010),
  ('8f1c2f4a-5d0e-4a53-9c63-6a2f0d5b7e10', 5, '{"type":"compaction","id":"f6a7b8c9","parentId":"1c5e7a90","timestamp":"2026-03-08T13:03:56.000Z","summary":"Asked for the files; there is a.txt.","firstKeptEntryId":"973dcb88","tokensBefore":50000}', 1772975036000);
INSERT INTO session_nodes (session_key, current_session_id, entry_json, updated_at) VALUES
  ('agent:main:telegram:group:-100:topic:9', '0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02',
   '{"sessionId": "0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02", "updatedAt": 1772975101000}', 1772975101000);
INSERT INTO session_windows (session_id, session_key, reason, created_at, updated_at, model) VALUES
  ('0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02', 'agent:main:telegram:group:-100:topic:9', 'initial', 1772975090001, 1772975101000, 'gpt-5.4');
INSERT INTO transcript_rewrite_watermarks VALUES ('0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02', '1', 1772975090001);
INSERT INTO transcript_events VALUES
  ('0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02', 0, '{"type":"session","version":3,"id":"0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02","timestamp":"2026-03-08T13:04:50.001Z","cwd":"/work"}', 1772975090001),
  ('0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02', 1, '{"type":"model_change","id":"aa10b2c3","parentId":null,"timestamp":"2026-03-08T13:04:50.002Z","provider":"openai","modelId":"gpt-5.4"}', 1772975090002),
  ('0b7d9a52-3f6f-4a7e-8a55-0d1c5c1e9f02', 2, '{"type":"message","id":"bb21c3d4","parentId":"aa10b2c3","timestamp":"2026-03-08T13:05:01.000Z","message":{"role":"user","content":[{"type":"text","text":"Wie wird das Wetter? 🌦"}],"timestamp":1772975101000}}', 1772975101000);
