import Foundation

/// The lines of a file, one piece of it in memory at a time.
struct TextLines {
    private let path: String
    private let handle: FileHandle
    private let longest: Int
    private var buffer = Data()
    private var isAtEnd = false
    private var number = 0

    private static let pieceBytes = 1 << 18

    /// - Parameter longest: the most bytes that a line may have.
    /// - Throws: ``CommandFailure`` with `noInput` if the file cannot be opened.
    init(path: String, longest: Int) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(.noInput, "\(path): there is no such file, or it may not be read")
        }
        self.path = path
        self.handle = handle
        self.longest = longest
    }

    /// The next line without its end; nil after the last.
    ///
    /// - Throws: ``CommandFailure`` for a line that is too long, and if reading breaks off.
    mutating func next() throws -> (number: Int, bytes: Data)? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[buffer.startIndex..<end]
                buffer = buffer[buffer.index(after: end)...]
                return try checked(line)
            }
            guard !isAtEnd else {
                guard !buffer.isEmpty else { return nil }
                let line = buffer
                buffer = Data()
                return try checked(line)
            }
            guard buffer.count <= longest else { return try checked(buffer) }
            do {
                let piece = try handle.read(upToCount: Self.pieceBytes) ?? Data()
                isAtEnd = piece.isEmpty
                // A copy, so that what was read before does not stay with the slice.
                buffer = Data(buffer) + piece
            } catch { throw CommandFailure(.inputOutput, "\(path): reading broke off") }
        }
    }

    private mutating func checked(_ line: Data) throws -> (number: Int, bytes: Data) {
        number += 1
        guard line.count <= longest else {
            throw CommandFailure(
                .badData,
                "\(path):\(number): larger than \(Measure.bytes(longest)), so it is no context")
        }
        return (number, Data(line))
    }
}
