package dev.stylizer.demo

import android.content.Context
import android.graphics.Bitmap
import android.net.Uri
import android.os.Build
import android.os.Handler
import dev.stylizer.core.ModelStore
import dev.stylizer.core.RunnerFactory
import dev.stylizer.core.Settings
import dev.stylizer.core.StillStylizer
import java.io.IOException
import java.util.concurrent.Executors

/**
 * Draws photos at full quality on a thread of its own, and keeps the finished drawing. To be called on the UI thread.
 *
 * @param main of the UI thread
 * @param emit takes changes of the screen's state, from any thread
 */
class StillDrawing(
    context: Context, private val models: ModelStore, private val runners: RunnerFactory, private val main: Handler,
    private val emit: (Change) -> Unit,
) : AutoCloseable {
    private val worker = Executors.newSingleThreadExecutor { Thread(it, "still") }
    private val reader = PhotoReader(context.contentResolver)
    private val store = DrawingStore(context)

    // worker
    private var stylizer: StillStylizer? = null

    // UI thread
    private var job: Job? = null
    private var wanted: String? = null

    /** The drawing that was asked for by [show], once it is loaded; at most [LONGEST_SHOWN] pixels long. */
    var shown: Bitmap? = null
        private set

    private class Job {
        @Volatile var cancelled = false
    }

    // No Exception: the stylizer takes those for an accelerator's, and tries again on another.
    private class Cancelled : Throwable()

    /** Draws [photo]; what becomes of it is emitted. */
    fun draw(photo: Photo, settings: Settings) {
        cancel()
        val current = Job()
        job = current
        worker.execute {
            try {
                val file = draw(photo, settings, current)
                say(current) { it.finished(file) }
            } catch (e: Cancelled) {
                release()
            } catch (e: OutOfMemoryError) {
                release()
                say(current) { it.gaveUp(Notice.OUT_OF_MEMORY) }
            } catch (e: UnreadablePhoto) {
                say(current) { it.gaveUp(Notice.PICTURE_UNREADABLE) }
            } catch (e: Throwable) { // a native library may throw Errors
                release()
                say(current) { it.gaveUp(Notice.DRAWING_FAILED, e.message ?: e.javaClass.simpleName) }
            }
        }
    }

    /** Nothing more is heard of the photo in work. */
    fun cancel() {
        job?.cancelled = true
        job = null
    }

    /** Loads the drawing of that file name into [shown]; null: frees it. */
    fun show(file: String?) {
        if (file == wanted) return
        wanted = file
        shown = null
        if (file == null) return
        worker.execute {
            val bitmap = try {
                store.read(file, LONGEST_SHOWN)
            } catch (e: OutOfMemoryError) {
                null
            }
            main.post {
                if (file == wanted) {
                    shown = bitmap
                    emit { if (bitmap == null) it.gaveUp(Notice.DRAWING_GONE) else it }
                }
            }
        }
    }

    /** Saves the drawing of that file name: in the gallery, or in the document [into]. */
    fun save(file: String, into: Uri?) = worker.execute {
        try {
            val uri = when {
                into != null -> into.also { store.copy(file, it) }
                Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q -> store.copyToGallery(file)
                else -> throw IOException("no document to save into")
            }
            emit { it.saved(file, uri.toString()) }
        } catch (e: Exception) { // besides IOException whatever a content provider throws
            emit { it.unsaved(Notice.SAVE_FAILED) }
        }
    }

    /** Frees the networks; the next photo loads them again. */
    fun trim() = worker.execute { release() }

    override fun close() {
        cancel()
        show(null)
        trim()
        worker.shutdown()
    }

    private fun draw(photo: Photo, settings: Settings, current: Job): String {
        if (current.cancelled) throw Cancelled()
        val picture = try {
            reader.read(photo)
        } catch (e: Exception) { // besides IOException whatever a content provider throws
            throw UnreadablePhoto(e)
        }
        val loaded = stylizer ?: StillStylizer(models, runners).also { stylizer = it }
        val drawn = loaded.draw(picture, settings) { progress ->
            if (current.cancelled) throw Cancelled()
            say(current) { it.progressed(progress) }
        }
        val bitmap = drawn.toBitmap()
        try {
            return store.write(bitmap, settings.style)
        } finally {
            bitmap.recycle()
        }
    }

    private class UnreadablePhoto(cause: Exception) : Exception(cause)

    private fun release() {
        val freed = stylizer
        stylizer = null
        freed?.close()
    }

    private fun say(current: Job, change: Change) = emit { if (current.cancelled) it else change(it) }

    private companion object {
        const val LONGEST_SHOWN = 2560
    }
}
