/// Rows whose columns line up.
package struct TextTable: Sendable {
    package enum Alignment: Sendable { case left, right }

    private var alignments: [Alignment]
    private var rows: [[String]] = []

    /// Columns aligned as given.
    package init(_ alignments: [Alignment]) { self.alignments = alignments }

    package mutating func add(_ cells: String...) { rows.append(cells) }

    package mutating func add(_ cells: [String]) { rows.append(cells) }

    package var isEmpty: Bool { rows.isEmpty }

    /// The rows as lines, each with the given indentation and no space at its end.
    package func lines(indent: Int = 2) -> [String] {
        var widths = alignments.map { _ in 0 }
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            var line = String(repeating: " ", count: indent)
            for (column, cell) in row.enumerated() where column < widths.count {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += column == 0 ? "" : "  "
                line += alignments[column] == .left ? cell + space : space + cell
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
