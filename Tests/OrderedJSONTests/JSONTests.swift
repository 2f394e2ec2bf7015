import OrderedJSON
import Testing

@Suite struct JSONTests {
    @Test func keepsOrderAndSpelling() throws {
        let text = #"{"b": 1, "a": 1.0, "c": 1e-05, "d": [NaN, -Infinity, true, null], "e": {}}"#
        #expect(try JSON(parsing: text).text() == text)
    }

    @Test func writesWhatPythonWrites() throws {
        // json.dumps({"k": "é\n\"\\😀\x7f", "l": []}, indent=2)
        let value: JSON = ["k": "é\n\"\\😀\u{7F}", "l": []]
        let expected = "{\n  \"k\": \"\\u00e9\\n\\\"\\\\\\ud83d\\ude00\\u007f\",\n  \"l\": []\n}"
        #expect(value.text(indent: 2) == expected)
        #expect(try JSON(parsing: expected) == value)
    }

    @Test func lastOfEqualKeysCounts() throws {
        #expect(try JSON(parsing: #"{"a": 1, "a": 2}"#)["a"]?.integer == 2)
    }

    @Test func wholeNumbers() throws {
        #expect(try JSON(parsing: "3.0").integer == 3)
        #expect(try JSON(parsing: "3.5").integer == nil)
        #expect(try JSON(parsing: "1e400").integer == nil)
        #expect(
            try JSON(parsing: "123456789012345678901234567890").text()
                == "123456789012345678901234567890")
    }

    @Test(arguments: [
        ("", "the text ends where a value should be at byte 0"),
        ("[1,", "the text ends where a value should be at byte 3"),
        ("[1 2]", "an array is not closed at byte 3"),
        (#"{"a" 1}"#, "no ':' behind a key at byte 5"),
        ("{a: 1}", "a key must be a string at byte 1"),
        ("01", "a number starts with 0 at byte 0"),
        ("1.", "no digit behind the decimal point at byte 2"),
        ("1 x", "text behind the JSON value at byte 2"),
        (#""\ud800""#, "half of a surrogate pair at byte 7"),
        (#""\q""#, "an unknown escape in a string at byte 3"),
        ("\"a", "a string is not closed at byte 2"),
        ("nul", "not a JSON value at byte 0"),
    ])
    func refusesWithPlace(text: String, message: String) {
        #expect {
            try JSON(parsing: text)
        } throws: { "\($0)" == message }
    }

    @Test func refusesDeepNesting() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test func editsInPlace() {
        var value: JSON = ["a": 1, "b": ["c": 2]]
        value["b"]?["c"] = 3
        value["a"] = nil
        #expect(value.text() == #"{"b": {"c": 3}}"#)
    }
}
