/// Prints lines that hold texts from files: characters that would move a terminal's cursor become visible.
func printLines(_ lines: [String]) {
    for line in lines { print(line.printable) }
}

extension String {
    /// The text with control characters made visible.
    var printable: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
