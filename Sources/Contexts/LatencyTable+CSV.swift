package import Foundation

extension LatencyTable {
    /// A column of the file.
    enum Column: String, CaseIterable {
        case network, layer
        case operation, kernel, stride, positions, height, width, groups
        case inputChannels = "input-channels"
        case outputChannels = "output-channels"
        case microseconds
        case deviation = "deviation-microseconds"
        case samples

        static let names = allCases.map(\.rawValue)
        static let required: [Column] = [
            .operation, .inputChannels, .outputChannels, .microseconds,
        ]
    }

    static let operations = LayerWorkload.Operation.allCases.map(\.rawValue)

    /// Enough for half a million measurements.
    package static let maximumBytes = 1 << 24

    /// Decodes a table: comma-separated values with a header, `#` before comments.
    ///
    /// - Parameters:
    ///   - csv: the content of the file.
    ///   - file: the name for error messages.
    /// - Throws: `LatencyTableError` with the first thing that is wrong.
    package init(csv: Data, file: String) throws(LatencyTableError) {
        guard csv.count <= Self.maximumBytes else {
            throw LatencyTableError(.tooLarge(limit: Self.maximumBytes), file: file)
        }
        guard var text = String(validating: csv, as: UTF8.self) else {
            throw LatencyTableError(.notUTF8, file: file)
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        var parser = LatencyTableParser(file: file)
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            try parser.read(line, number: index + 1)
        }
        self.init(grids: try parser.grids())
    }
}

/// Reads a latency table line by line.
private struct LatencyTableParser {
    private struct Widths: Hashable {
        let inputs: Int
        let outputs: Int
    }

    private struct Row {
        let microseconds: Double
        let line: Int
        /// As written; `Widths` has 0 for operations of one width.
        let inputs: Int
    }

    /// What the rows of one grid have in common.
    private struct Place: Hashable {
        let key: LatencyTable.Key
        let network: String
        let layer: String
    }

    let file: String
    private var header: [LatencyTable.Column]?
    private var rows: [Place: [Widths: Row]] = [:]
    /// In the order of the file, so that errors do not depend on hashing.
    private var places: [Place] = []

    init(file: String) {
        self.file = file
    }

    private func error(_ code: LatencyTableError.Code, line: Int?) -> LatencyTableError {
        LatencyTableError(code, file: file, line: line)
    }

    mutating func read(_ line: Substring, number: Int) throws(LatencyTableError) {
        let content = line.trimmed
        guard !content.isEmpty, content.first != "#" else { return }
        guard !content.contains("\"") else { throw error(.quotes, line: number) }
        let fields = content.split(separator: ",", omittingEmptySubsequences: false)
            .map(\.trimmed)
        guard let header else {
            self.header = try columns(fields, line: number)
            return
        }
        guard fields.count == header.count else {
            throw error(
                .wrongFieldCount(found: fields.count, expected: header.count), line: number)
        }
        let pairs = zip(header, fields.map(String.init))
        try readRow(Dictionary(uniqueKeysWithValues: pairs), line: number)
    }

    private func columns(
        _ fields: [Substring], line: Int
    ) throws(LatencyTableError) -> [LatencyTable.Column] {
        var columns: [LatencyTable.Column] = []
        for name in fields.map(String.init) {
            guard let column = LatencyTable.Column(rawValue: name) else {
                let near = Spelling.suggestion(for: name, among: LatencyTable.Column.names)
                throw error(.unknownColumn(name: name, suggestion: near), line: line)
            }
            guard !columns.contains(column) else {
                throw error(.repeatedColumn(name: name), line: line)
            }
            columns.append(column)
        }
        var required = LatencyTable.Column.required
        let hasSides = columns.contains(.height) || columns.contains(.width)
        if hasSides, columns.contains(.positions) { throw error(.positionsTwice, line: line) }
        required += hasSides ? [.height, .width] : [.positions]
        for column in required where !columns.contains(column) {
            throw error(.missingColumn(name: column.rawValue), line: line)
        }
        return columns
    }

    // MARK: Rows

    private mutating func readRow(
        _ fields: [LatencyTable.Column: String], line: Int
    ) throws(LatencyTableError) {
        let name = fields[.operation] ?? ""
        guard let operation = LayerWorkload.Operation(rawValue: name) else {
            let near = Spelling.suggestion(for: name, among: LatencyTable.operations)
            throw error(.unknownOperation(text: name, suggestion: near), line: line)
        }
        let hasOneWidth = LatencyTable.hasOneWidth(operation)
        let groups = try count(.groups, fields, line, default: 1)
        let key = LatencyTable.Key(
            operation: operation, kernel: try window(.kernel, fields, line),
            stride: try window(.stride, fields, line),
            positions: try positions(fields, line), groups: hasOneWidth ? 1 : groups)
        let place = Place(
            key: key, network: fields[.network] ?? "", layer: fields[.layer] ?? "")
        let inputs = try count(.inputChannels, fields, line)
        let outputs = try count(.outputChannels, fields, line)
        if fields[.deviation] != nil { _ = try time(.deviation, fields, line, orZero: true) }
        if fields[.samples] != nil { _ = try count(.samples, fields, line) }
        let row = Row(
            microseconds: try time(.microseconds, fields, line), line: line, inputs: inputs)
        let widths = Widths(inputs: hasOneWidth ? 0 : inputs, outputs: outputs)
        if let first = rows[place]?[widths] {
            if first.inputs != inputs {
                throw error(
                    .widthsDiffer(inputs: [inputs, first.inputs], line: first.line), line: line)
            }
            throw error(.repeatedRow(firstLine: first.line), line: line)
        }
        if rows[place] == nil { places.append(place) }
        rows[place, default: [:]][widths] = row
    }

    private func positions(
        _ fields: [LatencyTable.Column: String], _ line: Int
    ) throws(LatencyTableError) -> Int {
        guard fields[.positions] == nil else { return try count(.positions, fields, line) }
        // Both are below 2³¹, so that the product fits.
        return try count(.height, fields, line) * count(.width, fields, line)
    }

    private func count(
        _ column: LatencyTable.Column, _ fields: [LatencyTable.Column: String], _ line: Int,
        default absent: Int? = nil
    ) throws(LatencyTableError) -> Int {
        if let absent, fields[column] == nil { return absent }
        let text = fields[column] ?? ""
        guard let value = Int(digits: text), (1...Int(Int32.max)).contains(value) else {
            throw error(.badCount(column: column.rawValue, text: text), line: line)
        }
        return value
    }

    private func time(
        _ column: LatencyTable.Column, _ fields: [LatencyTable.Column: String], _ line: Int,
        orZero: Bool = false
    ) throws(LatencyTableError) -> Double {
        let text = fields[column] ?? ""
        guard let value = Numeral(text)?.value, value > 0 || (orZero && value == 0), value <= 1e9
        else { throw error(.badTime(column: column.rawValue, text: text), line: line) }
        return value
    }

    private func window(
        _ column: LatencyTable.Column, _ fields: [LatencyTable.Column: String], _ line: Int
    ) throws(LatencyTableError) -> Window {
        let text = fields[column] ?? ""
        if text.isEmpty { return Window() }
        let parts = text.split(separator: "x", omittingEmptySubsequences: false)
        let extents = parts.compactMap { Int(digits: $0) }
        guard extents.count == parts.count, extents.count <= 3,
            extents.allSatisfy({ (1...65_536).contains($0) })
        else { throw error(.badWindow(column: column.rawValue, text: text), line: line) }
        return Window(extents)
    }

    // MARK: Grids

    func grids() throws(LatencyTableError) -> [LatencyTable.Key: [LatencyTable.Series]] {
        guard header != nil else { throw error(.empty, line: nil) }
        guard !places.isEmpty else { throw error(.noMeasurements, line: nil) }
        var grids: [LatencyTable.Key: [LatencyTable.Series]] = [:]
        for place in places {
            grids[place.key, default: []].append(
                LatencyTable.Series(
                    network: place.network, layer: place.layer, grid: try grid(rows[place] ?? [:])))
        }
        return grids
    }

    private func grid(_ rows: [Widths: Row]) throws(LatencyTableError) -> LatencyGrid {
        let inputs = Set(rows.keys.map(\.inputs)).sorted()
        let outputs = Set(rows.keys.map(\.outputs)).sorted()
        var microseconds: [Double] = []
        // A hole ends the loops, so they never take more steps than there are rows.
        for input in inputs {
            for output in outputs {
                guard let row = rows[Widths(inputs: input, outputs: output)] else {
                    throw error(
                        .hole(inputChannels: input, outputChannels: output),
                        line: rows.values.map(\.line).min())
                }
                microseconds.append(row.microseconds)
            }
        }
        return LatencyGrid(inputs: inputs, outputs: outputs, microseconds: microseconds)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return self[first...last]
    }
}

extension Int {
    /// A number of nothing but ASCII digits: no sign, no spaces.
    fileprivate init?(digits text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        self.init(text)
    }
}
