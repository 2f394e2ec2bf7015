import Foundation
import RuntimeAdapter

/// Bytes in memory that answer with their checksum; wiped when they are unloaded, so that whoever uses them
/// afterwards is found out.
final class SoakModel: Sendable {
    /// Digest of the file that it was loaded from.
    let fileDigest: String
    /// Owned: written only here, and by ``wipe()``, which the adapter calls when nobody has a lease.
    private nonisolated(unsafe) let words: UnsafeMutableBufferPointer<UInt64>

    init(_ file: VariantFile) throws {
        fileDigest = file.candidate.fileDigest
        words = .allocate(capacity: file.byteCount / 8)
        let count = try file.read(into: UnsafeMutableRawBufferPointer(words), at: 0)
        guard count == words.count * 8 else { throw SoakFailure("\(fileDigest): cut short") }
    }

    deinit { words.deallocate() }

    /// The checksum of what is in memory now.
    var checksum: UInt64 { SoakContent.checksum(UnsafeBufferPointer(words)) }

    func wipe() { words.update(repeating: 0) }
}

/// Reads files, and fails now and then.
struct SoakLoader: VariantLoader {
    /// One load in so many throws.
    static let failureEvery = 40
    let counter = Counter()

    func load(_ file: VariantFile) async throws -> SoakModel {
        // A real loader takes its time.
        try await Task.sleep(for: .milliseconds(5))
        if counter.next() % Self.failureEvery == 0 { throw SoakFailure("a load that fails") }
        return try SoakModel(file)
    }

    func unload(_ model: SoakModel) async { model.wipe() }

    func bytes(of candidate: CandidateDescription) -> Int { candidate.fileBytes }
}

/// What files hold, and what it adds up to.
enum SoakContent {
    /// Bytes that follow from two numbers (SplitMix64).
    static func words(line: Int, number: Int, count: Int) -> [UInt64] {
        var state = UInt64(line) << 32 | UInt64(number)
        return (0..<count).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Differs if any word does (a sum in which each place has its own factor).
    static func checksum(_ words: UnsafeBufferPointer<UInt64>) -> UInt64 {
        var (sum, factor) = (UInt64(0), UInt64(1))
        for word in words {
            sum = sum &+ word &* factor
            factor &+= 2
        }
        return sum
    }
}

/// What went wrong, in words for whoever reads the log.
struct SoakFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
