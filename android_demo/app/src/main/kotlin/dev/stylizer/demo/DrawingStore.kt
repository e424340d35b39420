package dev.stylizer.demo

import android.annotation.TargetApi
import android.content.ContentValues
import android.content.Context
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.net.Uri
import android.os.Build
import android.os.Environment
import android.provider.MediaStore
import java.io.File
import java.io.IOException
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale

/**
 * Where finished drawings are: the last one as a JPEG in the cache, copies where the user wants them. Blocks; throws
 * IOException and what content providers throw.
 */
class DrawingStore(context: Context) {
    private val resolver = context.contentResolver
    private val folder = File(context.cacheDir, "drawings")

    /** Puts a drawing in the place of the last one; returns its file name. */
    fun write(drawing: Bitmap, style: String): String {
        if (!folder.isDirectory && !folder.mkdirs()) throw IOException("no folder $folder")
        folder.listFiles().orEmpty().forEach { it.delete() }
        val time = SimpleDateFormat("yyyyMMdd-HHmmss-SSS", Locale.ROOT).format(Date())
        val file = File(folder, "stylizer-$style-$time.jpg")
        file.outputStream().use {
            if (!drawing.compress(Bitmap.CompressFormat.JPEG, JPEG_QUALITY, it)) throw IOException("no JPEG written")
        }
        return file.name
    }

    /** The drawing, made smaller so that its longer side has at most [longest] pixels; null: it is gone. */
    fun read(file: String, longest: Int): Bitmap? {
        val path = File(folder, file).path
        val options = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeFile(path, options)
        options.inJustDecodeBounds = false
        options.inSampleSize = 1
        while (maxOf(options.outWidth, options.outHeight) / options.inSampleSize > longest) options.inSampleSize *= 2
        return BitmapFactory.decodeFile(path, options)
    }

    /** Copies the drawing into Pictures/Stylizer, where galleries look; needs no permission. */
    @TargetApi(Build.VERSION_CODES.Q)
    fun copyToGallery(file: String): Uri {
        val values = ContentValues()
        values.put(MediaStore.MediaColumns.DISPLAY_NAME, file)
        values.put(MediaStore.MediaColumns.MIME_TYPE, MIME_TYPE)
        values.put(MediaStore.MediaColumns.RELATIVE_PATH, "${Environment.DIRECTORY_PICTURES}/Stylizer")
        values.put(MediaStore.MediaColumns.IS_PENDING, 1)
        val images = MediaStore.Images.Media.getContentUri(MediaStore.VOLUME_EXTERNAL_PRIMARY)
        val uri = resolver.insert(images, values) ?: throw IOException("no place in $images")
        try {
            copy(file, uri)
            resolver.update(uri, ContentValues().apply { put(MediaStore.MediaColumns.IS_PENDING, 0) }, null, null)
        } catch (e: Exception) {
            resolver.delete(uri, null, null)
            throw e
        }
        return uri
    }

    /** Copies the drawing into the document at [uri]. */
    fun copy(file: String, uri: Uri) {
        val document = resolver.openOutputStream(uri) ?: throw IOException("no access to $uri")
        document.use { to -> File(folder, file).inputStream().use { from -> from.copyTo(to) } }
    }

    companion object {
        const val MIME_TYPE = "image/jpeg"
        private const val JPEG_QUALITY = 95
    }
}
