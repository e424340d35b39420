package dev.stylizer.demo

import android.content.ContentResolver
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.ColorSpace
import android.graphics.ImageDecoder
import android.media.ExifInterface
import android.net.Uri
import android.os.Build
import dev.stylizer.core.Picture
import java.io.ByteArrayInputStream
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import kotlin.math.sqrt

/** A photo that is to be drawn. */
sealed interface Photo {
    /** From the camera; a front camera's is [mirrored], as the preview was. */
    class Taken(val jpeg: ByteArray, val mirrored: Boolean) : Photo

    /** From the gallery. */
    class Chosen(val uri: Uri) : Photo
}

/** Reads photos upright and no larger than [CameraPlan.MOST_PHOTO_PIXELS]. Blocks; for any thread. */
class PhotoReader(private val resolver: ContentResolver) {
    /** Throws what readers throw (IOException, SecurityException, ...) if it cannot be read. */
    fun read(photo: Photo): Picture =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) decode(photo) else decodeBefore28(photo)

    // ImageDecoder turns pictures as EXIF says, of every format that has such a tag.
    private fun decode(photo: Photo): Picture {
        val source = when (photo) {
            is Photo.Taken -> ImageDecoder.createSource(ByteBuffer.wrap(photo.jpeg))
            is Photo.Chosen -> ImageDecoder.createSource(resolver, photo.uri)
        }
        val bitmap = ImageDecoder.decodeBitmap(source) { decoder, info, _ ->
            decoder.allocator = ImageDecoder.ALLOCATOR_SOFTWARE
            decoder.setTargetColorSpace(ColorSpace.get(ColorSpace.Named.SRGB))
            val scale = scaleFor(info.size.width, info.size.height)
            if (scale < 1) decoder.setTargetSize(scaled(info.size.width, scale), scaled(info.size.height, scale))
        }
        return upright(bitmap, Orientation(), photo)
    }

    private fun decodeBefore28(photo: Photo): Picture {
        val options = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        open(photo).use { BitmapFactory.decodeStream(it, null, options) }
        val width = options.outWidth
        val height = options.outHeight
        if (width <= 0 || height <= 0) throw IOException("not a picture")
        val tag = open(photo).use { exifTag(it) }
        options.inJustDecodeBounds = false
        options.inPreferredConfig = Bitmap.Config.ARGB_8888
        options.inSampleSize = 1
        while (width.toLong() * height / options.inSampleSize / options.inSampleSize > CameraPlan.MOST_PHOTO_PIXELS) {
            options.inSampleSize *= 2
        }
        val bitmap = open(photo).use { BitmapFactory.decodeStream(it, null, options) }
            ?: throw IOException("not a picture")
        return upright(bitmap, Orientation.ofExif(tag), photo)
    }

    private fun upright(bitmap: Bitmap, stored: Orientation, photo: Photo): Picture {
        val mirrored = photo is Photo.Taken && photo.mirrored
        try {
            return bitmap.toPicture(if (mirrored) stored.mirroredAgain() else stored)
        } finally {
            bitmap.recycle() // tens of megabytes, which the garbage collector does not see
        }
    }

    private fun open(photo: Photo): InputStream = when (photo) {
        is Photo.Taken -> ByteArrayInputStream(photo.jpeg)
        is Photo.Chosen -> resolver.openInputStream(photo.uri) ?: throw FileNotFoundException(photo.uri.toString())
    }

    private fun exifTag(stream: InputStream): Int = try {
        ExifInterface(stream).getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)
    } catch (e: IOException) {
        ExifInterface.ORIENTATION_NORMAL // PNG and WebP have none on these phones
    }

    private fun scaleFor(width: Int, height: Int): Double =
        sqrt(CameraPlan.MOST_PHOTO_PIXELS.toDouble() / (width.toLong() * height))

    private fun scaled(length: Int, scale: Double): Int = maxOf(1, (length * scale).toInt())
}
