import Foundation
import RuntimeAdapter

/// Bytes in memory that answer with their checksum; wiped when they are unloaded, so that whoever uses them
/// afterwards is found out.
final class SoakModel: Sendable {
    /// Digest of the file that it was loaded from.
    let fileDigest: String
    private let pages: Pages

    init(_ file: VariantFile) throws {
        fileDigest = file.candidate.fileDigest
        pages = try Pages(count: file.byteCount / 8)
        let count = try file.read(into: UnsafeMutableRawBufferPointer(pages.words), at: 0)
        guard count == pages.words.count * 8 else {
            throw SoakFailure("\(fileDigest): cut short")
        }
    }

    /// The checksum of what is in memory now.
    var checksum: UInt64 { pages.checksum }

    /// The adapter lets it be called when nobody has a lease.
    func wipe() { pages.words.update(repeating: 0) }
}

/// Words straight from the system, as an engine has its weights.
///
/// What is freed goes back at once, so that the process is as large as what it holds. malloc keeps blocks of this size in
/// its heap once one of them was freed, and then the heap's holes would be measured.
final class Pages: Sendable {
    /// Owned: whoever writes makes sure that nobody else does.
    nonisolated(unsafe) let words: UnsafeMutableBufferPointer<UInt64>

    init(count: Int) throws {
        let start = mmap(
            nil, max(count, 1) * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else { throw SoakFailure("no memory is left") }
        words = UnsafeMutableBufferPointer(
            start: start.bindMemory(to: UInt64.self, capacity: count), count: count)
    }

    deinit { munmap(words.baseAddress, max(words.count, 1) * 8) }

    var checksum: UInt64 {
        // Differs if any word does: a sum in which each place has its own factor.
        var (sum, factor) = (UInt64(0), UInt64(1))
        for word in words {
            sum = sum &+ word &* factor
            factor &+= 2
        }
        return sum
    }

    /// Calls with the bytes, which must not outlive the call.
    func withData<Result>(_ body: (Data) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) {
            guard let start = words.baseAddress else { return try body(Data()) }
            return try body(
                Data(bytesNoCopy: start, count: words.count * 8, deallocator: .none))
        }
    }
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

/// What files hold.
enum SoakContent {
    /// Words that follow from two numbers (SplitMix64).
    static func pages(line: Int, number: Int, count: Int) throws -> Pages {
        let pages = try Pages(count: count)
        var state = UInt64(line) << 32 | UInt64(number)
        for place in pages.words.indices {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            pages.words[place] = mixed ^ (mixed >> 31)
        }
        return pages
    }
}

/// What went wrong, in words for whoever reads the log.
struct SoakFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
