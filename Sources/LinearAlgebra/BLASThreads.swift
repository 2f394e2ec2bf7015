import COpenBLAS
import Workers

/// How work is spread over cores.
///
/// OpenBLAS itself computes on the calling thread only: its own threads wait by spinning, beside those of oneDNN. Work is
/// cut into pieces instead, whose results do not depend on who computes them.
enum BLASThreads {
    private static let once: Void = { openblas_set_num_threads(1) }()

    /// To be called before any other function of OpenBLAS.
    static func prepare() { _ = once }

    /// Works on `count` pieces on all cores.
    static func perform(_ count: Int, _ body: @Sendable (Int) -> Void) {
        prepare()
        concurrentForEach(count, body)
    }
}

/// An address that pieces of work share.
// Safe to send: each piece touches elements of its own, and the caller keeps the memory alive and waits for all.
struct SharedAddress<Element>: @unchecked Sendable {
    let address: UnsafeMutablePointer<Element>
}
