import Foundation

/// Why a latency table was refused.
package struct LatencyTableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    ///
    /// Texts from the file are carried as they stand there.
    package enum Code: Sendable, Equatable {
        /// With the system's error number.
        case unreadable(errno: Int32)
        case tooLarge(limit: Int)
        case notUTF8
        case empty
        case noMeasurements
        case unknownColumn(name: String, suggestion: String?)
        case repeatedColumn(name: String)
        case missingColumn(name: String)
        case positionsTwice
        case wrongFieldCount(found: Int, expected: Int)
        case quotes
        case unknownOperation(text: String, suggestion: String?)
        case badWindow(column: String, text: String)
        case badCount(column: String, text: String)
        case badTime(column: String, text: String)
        case repeatedRow(firstLine: Int)
        case widthsDiffer(inputs: [Int], line: Int)
        case hole(inputChannels: Int, outputChannels: Int)
    }

    package let code: Code
    /// The table's path, as the caller gave it.
    package let file: String
    /// Line in the file, from 1; `nil` for what concerns the file as a whole.
    package let line: Int?

    package init(_ code: Code, file: String, line: Int? = nil) {
        self.code = code
        self.file = file
        self.line = line
    }

    /// One sentence that names the place, what is wrong there and the way out.
    package var description: String {
        (line.map { "\(file):\($0): " } ?? "\(file): ") + sentence
    }

    private var sentence: String {
        switch code {
        case .unreadable(let errno):
            "the latency table cannot be read: \(String(cString: strerror(errno)))"
        case .tooLarge(let limit):
            "a latency table has at most \(limit) bytes, and this file has more"
        case .notUTF8:
            "the file is not UTF-8 text; save it as UTF-8"
        case .empty:
            "the latency table is empty; it needs a header and measurements"
        case .noMeasurements:
            "the latency table has a header and no measurements"
        case .unknownColumn(let name, let suggestion):
            "there is no column '\(name.excerpt)'; "
                + (suggestion.map { "did you mean '\($0)'?" }
                    ?? "the columns are \(LatencyTable.Column.names.joined(separator: ", "))")
        case .repeatedColumn(let name):
            "the column '\(name.excerpt)' stands twice in the header"
        case .missingColumn(let name):
            "the header lacks the column '\(name)'"
        case .positionsTwice:
            "the header has both positions and height and width; keep one of them"
        case .wrongFieldCount(let found, let expected):
            "the line has \(found) fields, and the header has \(expected)"
        case .quotes:
            "quotes are not allowed; fields are plain words and numbers between commas"
        case .unknownOperation(let text, let suggestion):
            "there is no operation '\(text.excerpt)'; "
                + (suggestion.map { "did you mean '\($0)'?" }
                    ?? "the operations are \(LatencyTable.operations.joined(separator: ", "))")
        case .badWindow(let column, let text):
            "\(column) '\(text.excerpt)' must be one to three sizes from 1 to 65536, such as 3x3"
        case .badCount(let column, let text):
            "\(column) '\(text.excerpt)' must be a whole number from 1 to 2147483647"
        case .badTime(let column, let text):
            "\(column) '\(text.excerpt)' must be a number above 0 and at most 1000000000"
        case .repeatedRow(let firstLine):
            "the same layer and widths were already measured on line \(firstLine)"
        case .widthsDiffer(let inputs, let line):
            "the operation has one width, but this line has \(inputs.first ?? 0) input channels"
                + " where line \(line) has \(inputs.last ?? 0) for the same output channels"
        case .hole(let inputChannels, let outputChannels):
            "the measurements of this layer leave a hole: \(inputChannels) input and"
                + " \(outputChannels) output channels are missing, while both widths were"
                + " measured with others"
        }
    }
}
