import Foundation

/// One line on standard error that says what is going on, where a person is looking.
package struct Progress: Sendable {
    private let isShown: Bool

    /// Shows nothing unless standard error is a terminal.
    package init(isQuiet: Bool = false) {
        isShown = !isQuiet && isatty(FileHandle.standardError.fileDescriptor) == 1
    }

    /// Replaces the line.
    package func show(_ text: String) { write("\r\u{1B}[K\(text)…") }

    /// Removes the line.
    package func clear() { write("\r\u{1B}[K") }

    private func write(_ text: String) {
        guard isShown else { return }
        FileHandle.standardError.write(Data(text.utf8))
    }
}
