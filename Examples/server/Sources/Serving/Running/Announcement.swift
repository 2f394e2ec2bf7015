import Foundation

/// The line on standard output that says where a server listens, for whoever started it on a free port.
package enum Announcement {
    /// Prints it at once, also into a pipe.
    package static func print(_ address: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data("listening on \(address)\n".utf8))
    }
}
