#![no_main]

use libfuzzer_sys::fuzz_target;
use tertial_model::pipeline::Format;

// A panic over a damaged workbook is caught by the reader and told as damage; the fuzzer's own hook
// would end the process before that.
fuzz_target!(init: drop(std::panic::take_hook()), |bytes: &[u8]| {
    tertial_fuzz::read(&tertial_fuzz::workbook(bytes), Format::Xlsx);
});
