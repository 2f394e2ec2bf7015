/// The kinds of image files that are read, told by their first bytes.
enum PictureFormat: Hashable, Sendable {
    case png, jpeg

    init?(_ start: some Sequence<UInt8>) {
        let start = Array(start.prefix(8))
        if start == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] {
            self = .png
        } else if start.prefix(3) == [0xFF, 0xD8, 0xFF] {
            self = .jpeg
        } else {
            return nil
        }
    }

    /// What the names of image files end in.
    static let extensions: Set<String> = ["png", "jpg", "jpeg"]
}

/// A decoded image: 8 bits for each channel, one channel for grey and three for colours, channels last.
struct Picture: Hashable, Sendable {
    var height: Int
    var width: Int
    var channels: Int
    var bytes: [UInt8]

    var shape: [Int] { [height, width, channels] }
    var values: [Float] { bytes.map { Float($0) } }

    /// The most pixels that an image may claim: it takes up to four bytes for each.
    static let largestPixelCount = 1 << 26
}

/// Why an image cannot be decoded, as the rest of a sentence.
struct PictureProblem: Error, Hashable, Sendable {
    var reason: String
}
