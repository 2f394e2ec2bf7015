import CPNG
import CTurboJPEG

/// Decodes PNG and JPEG files that lie in memory.
enum PictureDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(PictureProblem) -> Picture {
        guard !bytes.isEmpty else { throw PictureProblem(reason: "the file is empty") }
        return switch PictureFormat(bytes.prefix(8)) {
        case .png: try png(bytes)
        case .jpeg: try jpeg(bytes)
        case nil: throw PictureProblem(reason: "this is neither PNG nor JPEG")
        }
    }

    private static func checkSize(_ height: Int, _ width: Int) throws(PictureProblem) {
        guard height > 0, width > 0, height <= Picture.largestPixelCount / width else {
            throw PictureProblem(reason: "\(height)×\(width) pixels are too many")
        }
    }

    /// libpng's simplified interface: errors come back, they do not jump through Swift.
    ///
    /// Transparency is dropped, 16 bits become 8, palettes become colours.
    private static func png(_ bytes: UnsafeRawBufferPointer) throws(PictureProblem) -> Picture {
        var image = png_image()
        cpng_begin(&image)
        defer { png_image_free(&image) }
        guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
            throw PictureProblem(reason: message(&image))
        }
        let (height, width) = (Int(image.height), Int(image.width))
        try checkSize(height, width)
        let isColor = image.format & cpng_flag_color() != 0
        // Alpha is asked for and dropped, because without it libpng would blend with a background.
        let stored = isColor ? 4 : 2
        image.format = isColor ? cpng_format_color_alpha() : cpng_format_gray_alpha()
        // 16-bit samples are taken as they stand, as 8-bit ones are, not as linear light.
        image.flags |= cpng_flag_16_bit_srgb()
        var pixels = [UInt8](repeating: 0, count: height * width * stored)
        let isRead = pixels.withUnsafeMutableBytes {
            png_image_finish_read(&image, nil, $0.baseAddress, 0, nil)
        }
        guard isRead != 0, cpng_has_failed(&image) == 0 else {
            throw PictureProblem(reason: message(&image))
        }
        let channels = stored - 1
        let kept = [UInt8](unsafeUninitializedCapacity: height * width * channels) {
            buffer, initialized in
            for pixel in 0..<height * width {
                for channel in 0..<channels {
                    buffer[pixel * channels + channel] = pixels[pixel * stored + channel]
                }
            }
            initialized = height * width * channels
        }
        return Picture(height: height, width: width, channels: channels, bytes: kept)
    }

    private static func message(_ image: inout png_image) -> String {
        let text = withUnsafeBytes(of: image.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return "the PNG is damaged (\(text))"
    }

    /// TurboJPEG's interface: errors come back, they do not jump through Swift.
    private static func jpeg(_ bytes: UnsafeRawBufferPointer) throws(PictureProblem) -> Picture {
        guard let decoder = tjInitDecompress() else {
            throw PictureProblem(reason: "there is no memory for a JPEG decoder")
        }
        defer { tjDestroy(decoder) }
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        var (width, height, sampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let header = tjDecompressHeader3(
            decoder, start, UInt(bytes.count), &width, &height, &sampling, &space)
        guard header == 0 || tjGetErrorCode(decoder) == Int32(TJERR_WARNING.rawValue) else {
            throw PictureProblem(reason: message(decoder))
        }
        try checkSize(Int(height), Int(width))
        guard space != Int32(TJCS_CMYK.rawValue), space != Int32(TJCS_YCCK.rawValue) else {
            throw PictureProblem(reason: "the JPEG has four printing colours; store it as RGB")
        }
        let isGrey = space == Int32(TJCS_GRAY.rawValue)
        let channels = isGrey ? 1 : 3
        var pixels = [UInt8](repeating: 0, count: Int(height) * Int(width) * channels)
        func decode(_ flags: Int32) -> Int32 {
            pixels.withUnsafeMutableBufferPointer {
                tjDecompress2(
                    decoder, start, UInt(bytes.count), $0.baseAddress, width, 0, height,
                    Int32((isGrey ? TJPF_GRAY : TJPF_RGB).rawValue), TJFLAG_ACCURATEDCT | flags)
            }
        }
        // A warning is an image that ends too early or whose pixels are nonsense, or a harmless oddity.
        if decode(TJFLAG_STOPONWARNING) != 0 {
            guard isHarmless(message(decoder)), decode(0) == 0 || isHarmless(message(decoder))
            else { throw PictureProblem(reason: message(decoder)) }
        }
        return Picture(
            height: Int(height), width: Int(width), channels: channels, bytes: pixels)
    }

    /// Whether libjpeg's complaint is about what does not touch the pixels.
    private static func isHarmless(_ complaint: String) -> Bool {
        ["extraneous bytes before marker", "nknown Adobe color", "Warning: unknown JFIF"].contains {
            complaint.contains($0)
        }
    }

    private static func message(_ decoder: tjhandle) -> String {
        let text = tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown"
        return "the JPEG is damaged (\(text))"
    }
}
