//! What strangers send: every case gets a typed answer, no panic and no 5xx, and leaves its neighbours alone. A test is named by its check.

mod b2_mutated_frames;
mod b3_round_trip;
mod b4_oversized;
mod b5_rfc_6455;
mod b6_compression;
mod b7_numbers;
mod b8_texts;
mod b9_forgeries;
mod b11_greetings;
mod b12_http;
mod b13_replay;
mod b14_log;
mod b15_traversal;
mod process;
mod raw;
