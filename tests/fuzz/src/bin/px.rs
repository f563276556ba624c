#![no_main]

use libfuzzer_sys::fuzz_target;
use tertial_model::pipeline::Format;

fuzz_target!(|bytes: &[u8]| tertial_fuzz::read(bytes, Format::Px));
