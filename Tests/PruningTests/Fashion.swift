import Execution
import Foundation
import Testing

@testable import Pruning

/// Training images of Fashion-MNIST, as `models/train.py` gives them to the networks.
enum Fashion {
    static let all: [UInt8] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/fashion-256.bin")
        return Array((try? Data(contentsOf: file)) ?? Data())
    }()

    /// - Parameter change: what is done to each number between 0 and 1.
    static func samples(
        _ count: Int, change: (Float) -> Float = { $0 }
    ) throws -> MemorySamples {
        let bytes = all.prefix(count * 784)
        try #require(bytes.count == count * 784)
        return MemorySamples([
            Tensor(shape: [count, 28, 28, 1], values: bytes.map { change(Float($0) / 255) })
        ])
    }
}
