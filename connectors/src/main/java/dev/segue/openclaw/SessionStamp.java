package dev.segue.openclaw;

/** All that a session is made of: equal to another one only while nobody changed the session. */
interface SessionStamp {}
