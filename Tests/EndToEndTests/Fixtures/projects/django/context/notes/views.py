from django.http import JsonResponse
from django.templatetags.static import static

from .models import Note


def index(request):
    return JsonResponse({"notes": [note.text for note in Note.objects.order_by("id")], "style": static("notes/page.css")})


def add(request, text):
    Note.objects.create(text=text)
    return index(request)
