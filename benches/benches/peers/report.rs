pub fn write(_: &[(&str, usize)]) {}
