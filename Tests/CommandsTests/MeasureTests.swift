import Commands
import Testing

@Suite struct MeasureTests {
    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (512, "512 B"), (729_088, "712 KiB"),
        (1_048_576, "1.00 MiB"),
        (1_048_000, "1023 KiB"), (553_648_128, "528 MiB"), (12_582_912, "12.0 MiB"),
    ])
    func bytes(count: Int, text: String) { #expect(Measure.bytes(count) == text) }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1.00 k"), (31_234_567, "31.2 M"), (999_900, "1.00 M"),
    ])
    func counts(count: Int, text: String) { #expect(Measure.count(count) == text) }

    @Test(arguments: [
        (0.0004, "0.000 ms"), (0.5, "0.500 ms"), (12.14, "12.1 ms"), (9_999, "9999 ms"),
        (12_345, "12.3 s"),
    ])
    func milliseconds(value: Double, text: String) { #expect(Measure.milliseconds(value) == text) }

    @Test func percentages() {
        #expect(Measure.percent(0.4983) == "49.8 %")
        #expect(Measure.percent(1) == "100 %")
    }
}

@Suite struct TextTableTests {
    @Test func columnsLineUp() {
        var table = TextTable([.left, .right, .left])
        table.add("file", "712 KiB", "✓")
        table.add("multiply-adds", "31 M", "")
        #expect(table.lines() == ["  file           712 KiB  ✓", "  multiply-adds     31 M"])
    }
}
