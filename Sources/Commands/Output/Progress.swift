import Foundation

/// One line on standard error that says what is going on, where a person is looking.
package struct Progress: Sendable {
    private let isShown: Bool
    private let isQuiet: Bool

    /// Shows nothing unless standard error is a terminal.
    package init(isQuiet: Bool = false) {
        self.isQuiet = isQuiet
        isShown = !isQuiet && isatty(FileHandle.standardError.fileDescriptor) == 1
    }

    /// Replaces the line.
    package func show(_ text: String) { write("\r\u{1B}[K\(text)…") }

    /// Leaves a line that stays, whoever is looking.
    package func note(_ text: String) {
        guard !isQuiet else { return }
        clear()
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    /// Removes the line.
    package func clear() { write("\r\u{1B}[K") }

    private func write(_ text: String) {
        guard isShown else { return }
        FileHandle.standardError.write(Data(text.utf8))
    }
}
